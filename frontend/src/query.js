// The query page: an editor over the form's text area, which keeps working without this.

import { mount } from './editor/mount.js';

const area = document.querySelector('textarea#query');
if (area) mount(area);
