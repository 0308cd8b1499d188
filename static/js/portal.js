// Enhancement only: every journey works without it.
import { initAll } from './govuk-frontend.min.js'
import { initPasskeys } from './passkeys.js'

document.body.classList.add('js-enabled')
if ('noModule' in HTMLScriptElement.prototype) {
  document.body.classList.add('govuk-frontend-supported')
}
initAll()
initPasskeys()
