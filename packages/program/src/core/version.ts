/** The version of the suite; all its programs share it. A test compares it with package.json. */
export const version = "0.1.0";
