/** A value that is encoded as JSON already. `directEvents` puts the text into an ack without encoding it again. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Decodes the value, for encoders that do not know this class. */
  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}
