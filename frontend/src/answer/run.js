// Asks without leaving the page, so that the editor keeps its place and its history, and a long query can be stopped.

const LONGEST = 6000; // characters of an address that any server between takes

/** Makes a form show its answer in `answer`, and the address of the page that of the query. */
export function runInPlace(form, answer, shown) {
  const stop = form.querySelector('#stop');
  const progress = form.querySelector('#progress');
  let asking = null;

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    asking?.abort();
    const mine = (asking = new AbortController());
    const fields = new URLSearchParams(new FormData(form));
    const address = `${form.action.split('?')[0]}?${fields}`;
    const short = address.length <= LONGEST;
    stop.hidden = false;
    progress.textContent = form.dataset.running;
    try {
      const options = { headers: { Accept: 'text/html' }, signal: mine.signal };
      const got = await (short ? fetch(address, options) : fetch(form.action, { ...options, method: 'POST', body: fields }));
      const page = new DOMParser().parseFromString(await got.text(), 'text/html');
      answer.replaceChildren(...(page.querySelector('#answer')?.childNodes ?? page.querySelector('main').childNodes));
      if (short) history.pushState(null, '', address);
      progress.textContent = answer.querySelector('.told, [role=alert] p')?.textContent.replace(/\s+/g, ' ').trim() ?? '';
      shown();
    } catch {
      progress.textContent = mine.signal.aborted ? form.dataset.stopped : form.dataset.failed;
    } finally {
      if (asking === mine) {
        asking = null;
        stop.hidden = true;
      }
    }
  });
  stop.addEventListener('click', () => asking?.abort());
  addEventListener('popstate', () => location.reload());
}
