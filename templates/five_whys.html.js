"use strict";
// What the page cannot do without: nothing. This adds zoom to the picture, and unfolds everything for print.
(() => {
  const folded = () => [...document.querySelectorAll("details:not([open])")];
  let unfolded = [];
  addEventListener("beforeprint", () => { unfolded = folded(); unfolded.forEach((one) => { one.open = true; }); });
  addEventListener("afterprint", () => { unfolded.forEach((one) => { one.open = false; }); });

  const svg = document.querySelector("svg.timeline");
  if (!svg) return;
  const width = +svg.dataset.width, epoch = +svg.dataset.epoch, whole = +svg.dataset.whole;
  const large = [+svg.dataset.from, +svg.dataset.to];
  const SHORTEST = 2; // milliseconds: finer than that, logs do not tell
  let [from, to] = large;

  const placed = (one) => one.getAttribute("transform")?.match(/translate\(([-\d.e]+),([-\d.e]+)\)/);
  const marks = [...svg.querySelectorAll("[data-at]")].map((drawn) => {
    const at = +drawn.dataset.at, until = drawn.dataset.until ? +drawn.dataset.until : at;
    return { drawn, at, until, y: placed(drawn)?.[2], bar: drawn.tagName === "rect", holder: drawn.closest("a") ?? drawn };
  });
  // A text stands a little beside its moment; by how much does not change with the zoom.
  for (const one of marks) {
    one.beside = one.bar || !placed(one.drawn) ? 0 : placed(one.drawn)[1] - ((one.at - from) / (to - from)) * width;
  }
  const axes = [...svg.querySelectorAll("g[class*=large] .role-axis-grid, g[class*=large] .role-axis-tick, g[class*=large] .role-axis-label")]
    .filter((one) => one.firstElementChild);
  const shade = svg.querySelector("[class*=whole_layer_0_marks] path");
  const scale = shade && width / whole;
  const shadeHeight = shade?.getAttribute("d").match(/v([-\d.e]+)/)?.[1];
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 216e5, 432e5, 864e5];

  const told = (ms, step) => {
    const text = new Date(ms).toISOString();
    return step < 1000 ? text.slice(11, 23) : step < 432e5 ? text.slice(11, 19) : text.slice(0, 16).replace("T", " ");
  };
  const ticks = () => {
    const step = steps.find((one) => (to - from) / one <= 7) ?? 864e5 * Math.ceil((to - from) / 7 / 864e5);
    const found = [];
    for (let ms = Math.ceil((epoch + from) / step) * step; ms <= epoch + to; ms += step) {
      found.push([((ms - epoch - from) / (to - from)) * width, told(ms, step)]);
    }
    return found;
  };
  const redrawAxes = () => {
    for (const axis of axes) {
      const first = axis.firstElementChild, y = placed(first)[2];
      axis.replaceChildren(...ticks().map(([x, text]) => {
        const tick = first.cloneNode(false);
        tick.setAttribute("transform", `translate(${x.toFixed(2)},${y})`);
        if (tick.tagName === "text") { tick.setAttribute("text-anchor", "middle"); tick.textContent = text; }
        return tick;
      }));
    }
  };
  const show = (start, end) => {
    const length = Math.min(Math.max(end - start, SHORTEST), whole);
    from = Math.min(Math.max(start, 0), whole - length);
    to = from + length;
    const x = (ms) => ((ms - from) / length) * width;
    for (const one of marks) {
      one.holder.style.display = one.until < from || one.at > to ? "none" : "";
      if (one.bar) {
        const left = Math.max(x(one.at), -10), right = Math.min(x(one.until), width + 10);
        one.drawn.setAttribute("x", left.toFixed(2));
        one.drawn.setAttribute("width", Math.max(right - left, 0).toFixed(2));
      } else if (one.y !== undefined) {
        one.drawn.setAttribute("transform", `translate(${(x(one.at) + one.beside).toFixed(2)},${one.y})`);
      }
    }
    const still = from === large[0] && to === large[1];
    svg.querySelectorAll(".beyond").forEach((one) => { one.style.display = still ? "" : "none"; });
    if (shade) shade.setAttribute("d", `M${(from * scale).toFixed(2)},0h${(length * scale).toFixed(2)}v${shadeHeight}h${(-length * scale).toFixed(2)}Z`);
    redrawAxes();
  };
  const zoom = (factor, middle = (from + to) / 2) => show(middle - (middle - from) * factor, middle + (to - middle) * factor);
  const pan = (part) => show(from + (to - from) * part, to + (to - from) * part);

  const doing = {
    in: () => zoom(0.5), out: () => zoom(2), earlier: () => pan(-0.4), later: () => pan(0.4),
    large: () => show(...large), whole: () => show(0, whole),
  };
  const controls = document.querySelector(".controls");
  controls.hidden = false;
  controls.addEventListener("click", (event) => doing[event.target.dataset?.do]?.());

  // Where in time the pointer is: the plot begins where its labels end.
  const plot = svg.querySelector("g[class*=large0] .background");
  const under = (event) => {
    const box = plot.getBoundingClientRect();
    return from + ((event.clientX - box.left) / box.width) * (to - from);
  };
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls on
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, under(event));
  }, { passive: false });
  let held = null;
  svg.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button === 0 && !event.target.closest("a")) held = under(event);
  });
  addEventListener("pointermove", (event) => {
    if (held === null) return;
    const by = held - under(event);
    show(from + by, to + by);
  });
  addEventListener("pointerup", () => { held = null; });

  // What a mark says is said below the picture as well: a touch or the keyboard has no pointer to rest.
  const said = document.querySelector(".said");
  const say = (event) => {
    const title = event.target.closest?.("a, [data-at]")?.querySelector("title");
    if (title) said.textContent = title.textContent;
  };
  svg.addEventListener("pointerover", say);
  svg.addEventListener("focusin", say);
  show(from, to);
})();
