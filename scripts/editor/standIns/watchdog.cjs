// Stands in for the native module native-watchdog, which would need a compiler: ends this process
// soon after the process `pid` has ended.

exports.start = (pid) => {
  const check = () => {
    try {
      process.kill(pid, 0);
    } catch {
      process.exit(1);
    }
  };
  setInterval(check, 3000).unref();
};

exports.exit = (code = 0) => process.exit(code);
