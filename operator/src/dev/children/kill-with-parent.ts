// Ends Redis when `realtime dev` dies: `node kill-with-parent.ts PID`. Redis cannot notice it by itself.
import process from "node:process";

const PID = Number(process.argv[2]);

// Ctrl-C reaches all processes of the terminal. `realtime dev` then ends Redis and this program.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => {
  try {
    process.kill(PID, "SIGKILL");
  } catch {
    // Redis has ended already.
  }
  process.exit();
});
