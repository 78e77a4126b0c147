// The query page: an editor over the form's text area, and answers in place. Without it the form works as forms do.

import { mark, mount } from './editor/mount.js';
import { runInPlace } from './answer/run.js';
import { enliven } from './answer/views.js';

const form = document.querySelector('form#ask');
const area = form?.querySelector('textarea');
const answer = document.querySelector('#answer');

if (area && answer) {
  const view = mount(area, form);
  const show = () => {
    enliven(answer, form.dataset);
    mark(view, answer.querySelector('[data-line]'));
  };
  runInPlace(form, answer, show);
  show();
}
