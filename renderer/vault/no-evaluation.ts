import { config } from 'zod';

// Before any schema is made: it would try whether text can be made a function, which the page's policy refuses aloud.
config({ jitless: true });
