/** A picture of the page. */
export interface PagePicture {
  /** Of the file in docs/pictures, without `.webp`. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly colours: "dark" | "light";
  /** The service that is shown; null: all. */
  readonly service: string | null;
}

/** All of them. */
export const pagePictures: readonly PagePicture[] = [
  { name: "web", width: 1280, height: 566, colours: "dark", service: null },
  { name: "web-service", width: 1280, height: 860, colours: "light", service: "api" },
  { name: "web-phone", width: 390, height: 760, colours: "dark", service: null },
];
