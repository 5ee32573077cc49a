/** Where the distribution's packages put their commands. */
export const systemBin = "/usr/bin";

export const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
