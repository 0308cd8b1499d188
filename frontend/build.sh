#!/bin/sh
# Compiles the style sheets and copies the vendored files into static/ and tests/vendor/. Maintainers only:
# what it makes is committed, so that nobody else needs node. Usage: sh build.sh (in frontend/).
set -eu
cd "$(dirname "$0")"
npm ci
modules=node_modules
for sheet in govuk moj portal; do
  ./$modules/.bin/sass --style=compressed --no-source-map --quiet-deps \
    --load-path=scss --load-path=. --load-path=$modules \
    "scss/$sheet.scss" "../static/css/$sheet.css"
done
cp $modules/govuk-frontend/dist/govuk/govuk-frontend.min.js ../static/js/govuk-frontend.min.js
sed -i "s,//# sourceMappingURL=.*$,," ../static/js/govuk-frontend.min.js
# Only the pictures that the compiled sheets name, so that nobody's crest or logotype comes along.
grep -oh 'images/[A-Za-z0-9._-]*' ../static/css/*.css | sort -u | while read -r picture; do
  cp "$modules/@ministryofjustice/frontend/moj/assets/$picture" "../static/$picture"
done
mkdir -p ../tests/vendor
cp $modules/axe-core/axe.min.js ../tests/vendor/axe.min.js
cp $modules/axe-core/LICENSE ../tests/vendor/LICENCE-axe-core.txt
ls -l ../static/css ../static/js ../static/images ../tests/vendor
