// Stands in for the native module argon2, which would need a compiler: code-server only calls it
// when it asks for a password, and here it never does.

function unavailable() {
  throw new Error('This installation of code-server has no passwords.');
}

exports.hash = unavailable;
exports.verify = unavailable;
