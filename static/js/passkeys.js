// Passkeys: asks the device and puts its answer into the form. Pages say what to do without JavaScript.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))

const text = (buffer) =>
  buffer &&
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

const withIds = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }))

function readable({ publicKey }) {
  const made = { ...publicKey, challenge: bytes(publicKey.challenge) }
  if (made.user) made.user = { ...made.user, id: bytes(made.user.id) }
  if (made.excludeCredentials) made.excludeCredentials = withIds(made.excludeCredentials)
  if (made.allowCredentials) made.allowCredentials = withIds(made.allowCredentials)
  return { publicKey: made }
}

function sendable(credential) {
  const { response } = credential
  const answer = { clientDataJSON: text(response.clientDataJSON) }
  for (const name of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (response[name]) answer[name] = text(response[name])
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: answer
  }
}

async function optionsOf(form) {
  const { passkeyOptions, passkeyOptionsUrl } = form.dataset
  if (passkeyOptions) return JSON.parse(passkeyOptions)
  const headers = { Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest' }
  const answer = await fetch(passkeyOptionsUrl, { headers, credentials: 'same-origin' })
  if (!answer.ok) throw new Error(`No options: ${answer.status}`)
  const found = await answer.json()
  return found.request_options || found
}

async function confirm(form) {
  const place = form.querySelector('[data-passkey-error]')
  const field = form.querySelector('input[name="credential"]')
  place.textContent = ''
  try {
    const options = readable(await optionsOf(form))
    const credential =
      form.dataset.passkey === 'create' ? await navigator.credentials.create(options) : await navigator.credentials.get(options)
    field.value = JSON.stringify(sendable(credential))
  } catch (error) {
    place.textContent = error.name === 'InvalidStateError' ? place.dataset.known : place.dataset.refused
    place.className = 'govuk-error-message'
    return
  }
  form.submit()
}

export function initPasskeys() {
  if (!window.PublicKeyCredential) return
  for (const part of document.querySelectorAll('.portal-with-script')) part.hidden = false
  for (const part of document.querySelectorAll('.portal-without-script')) part.hidden = true
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    const code = form.querySelector('input[name="code"]')
    const instead = code && code.closest('details')
    if (instead && !instead.querySelector('.govuk-error-message')) instead.open = false
    form.addEventListener('submit', (event) => {
      if (code && code.value.trim()) return // a code was typed: no device is asked
      event.preventDefault()
      confirm(form)
    })
  }
}
