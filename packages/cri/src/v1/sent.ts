/**
 * A message as it is sent: a field that is left out has its default on the other side, as `null` has for a message.
 * What is received (see `loadServices`) has every field.
 */
export type Sent<Message> = Message extends Uint8Array
  ? Message
  : Message extends readonly (infer Item)[]
    ? readonly Sent<Item>[]
    : Message extends object
      ? { [Field in keyof Message]?: Sent<Message[Field]> }
      : Message;
