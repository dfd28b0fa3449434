// The peer of Pauses.som: the longest pause of Node's collector. Usage: node pauses.js [megabytes]
const { PerformanceObserver } = require("node:perf_hooks");

class Tree {
  constructor(depth, n) {
    this.value = n;
    this.left = depth > 0 ? new Tree(depth - 1, n + n) : null;
    this.right = depth > 0 ? new Tree(depth - 1, n + n + 1) : null;
  }
  count() {
    return this.left === null ? 1 : 1 + this.left.count() + this.right.count();
  }
  adopt(other) {
    const part = other.left;
    other.left = this.left;
    this.left = part;
    return this;
  }
}

let longest = 0;
const observer = new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) longest = Math.max(longest, entry.duration);
});
observer.observe({ entryTypes: ["gc"] });

const megabytes = Number(process.argv[2] ?? 200);
const trees = new Array(megabytes * 32);
for (let i = 0; i < trees.length; i++) trees[i] = new Tree(9, i);
const start = performance.now();
for (let i = 1; i <= trees.length * 2; i++) {
  const place = (i * 7919) % trees.length;
  const other = trees[(i * 104729) % trees.length];
  trees[place] = new Tree(9, i).adopt(other);
}
const turnover = performance.now() - start;
if (trees[0].count() !== 1023) throw new Error("a tree is not whole");
setTimeout(() => {
  console.log(`turnover: ${Math.round(turnover * 1000)} us`);
  console.log(`pause: ${Math.round(longest * 1000)} us`);
}, 100);
