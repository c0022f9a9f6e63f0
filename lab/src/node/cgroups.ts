import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../../testkit/until.ts";

/**
 * The mount points of all cgroup hierarchies. With cgroup v2 there is one. With cgroup v1 there is one for each
 * controller, and possibly a unified one.
 */
export function cgroupHierarchies(): string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => / - cgroup2? /.test(line));
  return [...new Set(lines.map((line) => line.split(" ")[4] ?? ""))].filter((path) => path !== "");
}

/** Creates a cgroup with this name in every hierarchy, with the settings that the kubelet and its pods need. */
export function makeCgroups(name: string): void {
  for (const hierarchy of cgroupHierarchies()) {
    mkdirSync(join(hierarchy, name), { recursive: true });
    // With cgroup v1, copy the CPUs and memory nodes of the parent: a new cpuset has none, and no process can run in
    // it.
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      const own = join(hierarchy, name, file);
      if (existsSync(own) && readFileSync(own, "utf8").trim() === "" && existsSync(join(hierarchy, file)))
        writeFileSync(own, readFileSync(join(hierarchy, file)));
    }
    passControllersOn(hierarchy);
  }
}

/**
 * With cgroup v2, enables all controllers for the child groups: a group has only the controllers that its parent
 * enables. Ignores a controller that cannot be enabled, because the kubelet reports it.
 */
function passControllersOn(hierarchy: string): void {
  if (!existsSync(join(hierarchy, "cgroup.controllers"))) return;
  const passed = readFileSync(join(hierarchy, "cgroup.subtree_control"), "utf8").trim().split(" ");
  const controllers = readFileSync(join(hierarchy, "cgroup.controllers"), "utf8").trim().split(" ");
  for (const controller of controllers.filter((name) => name !== "" && !passed.includes(name))) {
    try {
      writeFileSync(join(hierarchy, "cgroup.subtree_control"), `+${controller}`);
    } catch {
      continue;
    }
  }
}

/**
 * Removes the cgroups. Waits for the kernel, which needs a moment to notice that the last process in a group has ended.
 */
export async function removeCgroups(name: string): Promise<void> {
  for (const hierarchy of cgroupHierarchies()) {
    const root = join(hierarchy, name);
    await until(`${root} to be empty`, async () => removeTree(root), 10_000);
  }
}

function removeTree(folder: string): true {
  if (!existsSync(folder)) return true;
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  rmdirSync(folder);
  return true;
}
