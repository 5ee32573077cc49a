module.exports = {
  apps: [ { name: "a" script: "b" } ]
}
