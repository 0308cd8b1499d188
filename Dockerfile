# One image for web, worker, beat and set-up; docker-compose.yml says which is which (script/container).
FROM python:3.11-slim-bookworm

# As script/bootstrap installs them, and pg_dump and pg_restore for `manage.py backup` and `restore`
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
       tzdata libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 gettext postgresql-client \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY . .
RUN for source in locale/*/LC_MESSAGES/*.po; do msgfmt --check-format -o "${source%.po}.mo" "$source"; done \
    && useradd --system --create-home concordat \
    && mkdir /data \
    && chown concordat: /data

USER concordat
ENV PORTAL_HOME=/data PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["script/container"]
CMD ["web"]
