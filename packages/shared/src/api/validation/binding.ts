import type { Binding } from '../binding.ts';
import type { FieldError } from '../errors.ts';
import { checkRequired, notSupported } from './field-errors.ts';

export function validateBinding({ target }: Binding): FieldError[] {
  return [
    ...(target.kind && target.kind !== 'Node' ? [notSupported('target.kind', target.kind, ['Node', '<empty>'])] : []),
    ...checkRequired('target.name', target.name),
  ];
}
