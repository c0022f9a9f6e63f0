/** A value as its JSON text, which `directEvents` puts into an ack as it is. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** For encoders that do not know this class. */
  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}
