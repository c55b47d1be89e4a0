export { sanitize, sanitizeCell, sanitizeLog } from '@podling/shared/sanitize';
