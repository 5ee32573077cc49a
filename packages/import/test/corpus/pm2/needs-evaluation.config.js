const path = require("path");
module.exports = {
  apps: [
    {
      name: "app",
      cwd: path.join(__dirname, "app"),
      script: "a.js",
    },
  ],
};
