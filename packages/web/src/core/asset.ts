/** A file of the page, which is part of the program. */
export interface Asset {
  /** The media type. */
  readonly type: string;
  /** Its bytes in base64. */
  readonly content: string;
  /** Of the bytes: whoever has them need not get them again. */
  readonly hash: string;
  /** Whether its name changes with its content, so that it may be kept for good. */
  readonly isImmutable: boolean;
}

/** The files of the page by their paths, `/` for the page itself. */
export type Assets = Readonly<Record<string, Asset>>;
