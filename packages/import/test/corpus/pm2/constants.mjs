const base = "/srv";
const common = { PORT: 80 };
export default {
  apps: [{ name: `app${"-"}1`, script: base + "/a.js", cwd: `${base}/app`, env: common, disable_logs: true }],
};
