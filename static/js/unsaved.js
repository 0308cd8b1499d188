// Enhancement only: while somebody types, their words are kept on the server for them alone.
// Without it "Save" is there, and words sent after a session has ended are kept as well.
const PAUSE = 1500
const LONGEST = 10000
const SMALL = 60000 // browsers send no more than this from a page that closes

for (const form of document.querySelectorAll('form[data-keep-typed]')) keepTyped(form)

function keepTyped (form) {
  const state = form.querySelector('[data-kept-state]')
  const words = state.dataset
  let timer = 0
  let waitingSince = 0
  let request = null
  let leaving = false
  let kept = form.dataset.keepTyped === 'now' ? '' : body()

  function body () {
    const data = new URLSearchParams(new FormData(form))
    data.delete('csrfmiddlewaretoken')
    data.set('act', 'keep')
    return data.toString()
  }

  function say (text) {
    if (state.textContent !== text) state.textContent = text
  }

  function token () {
    return form.querySelector('[name=csrfmiddlewaretoken]')
  }

  function post (text, options) {
    return fetch(form.getAttribute('action') || window.location.href, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'X-CSRFToken': token().value },
      body: text,
      ...options
    })
  }

  // somebody who signed in again in another tab has another token: the page gets it, so that "Save" works too
  async function renew () {
    const answer = await fetch(window.location.href, { redirect: 'manual' })
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const fresh = page.querySelector('form[data-keep-typed] [name=csrfmiddlewaretoken]')
    if (fresh) token().value = fresh.value
    return Boolean(fresh)
  }

  async function send () {
    clearTimeout(timer)
    timer = waitingSince = 0
    const text = body()
    if (leaving || request || text === kept) return
    request = new AbortController()
    const options = { signal: request.signal }
    try {
      let answer = await post(text, options)
      if (answer.status === 403 && await renew()) answer = await post(text, options)
      if (answer.type === 'opaqueredirect') say(words.signedOut)
      else if (!answer.ok) say(words.failed)
      else {
        kept = text
        say(words.saved.replace('%s', (await answer.json()).at))
      }
    } catch (error) {
      if (!leaving) say(words.offline)
    } finally {
      request = null
    }
    if (!leaving && body() !== text) later()
  }

  function later () {
    waitingSince ||= Date.now()
    clearTimeout(timer)
    timer = setTimeout(send, Math.max(0, Math.min(PAUSE, waitingSince + LONGEST - Date.now())))
  }

  form.addEventListener('input', later)
  form.addEventListener('change', later)
  window.addEventListener('online', later)
  document.addEventListener('visibilitychange', () => {
    const text = body()
    if (document.visibilityState !== 'hidden' || leaving || text === kept) return
    if (text.length < SMALL) post(text, { keepalive: true }).then((answer) => { if (answer.ok) kept = text }, () => {})
    else send()
  })
  form.addEventListener('submit', () => {
    leaving = true
    clearTimeout(timer)
    if (request) request.abort()
  })
  window.addEventListener('pageshow', (event) => { if (event.persisted) leaving = false })
  say(words.idle)
  if (form.dataset.keepTyped === 'now') later()
}
