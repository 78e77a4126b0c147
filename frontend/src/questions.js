// The page of a question written already: views of its result, and copying.

import { enliven } from './answer/views.js';

enliven(document, document.querySelector('form#ask')?.dataset ?? {});
