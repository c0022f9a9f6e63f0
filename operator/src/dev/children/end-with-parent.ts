// Loaded into each gateway of `realtime dev` by --import. If `realtime dev` dies, the IPC channel closes, and the
// gateway must not stay behind.
import process from "node:process";

process.on("disconnect", () => process.exit());
// The channel must not keep the process running after its work has ended.
process.channel?.unref();
