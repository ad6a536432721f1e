"use strict";
(() => {
  const audio = document.getElementById("audio");
  const lines = [...document.querySelectorAll(".line")];

  const playFrom = (seconds) => {
    if (!audio) return;
    audio.currentTime = seconds;
    // A refused or missing recording says so through the error event.
    audio.play().catch(() => {});
  };

  const mark = (current) => {
    for (const line of lines) {
      const here = line === current;
      if (here === line.hasAttribute("aria-current")) continue;
      if (here) {
        line.setAttribute("aria-current", "true");
        line.scrollIntoView({ block: "nearest" });
      } else {
        line.removeAttribute("aria-current");
      }
    }
  };

  document.addEventListener("click", (event) => {
    const timed = event.target.closest("[data-at]");
    if (timed) playFrom(Number(timed.dataset.at));
    const bar = event.target.closest("[data-turn]");
    if (bar) {
      const line = document.getElementById(`t${bar.dataset.turn}`);
      if (audio && !audio.paused) playFrom(Number(line.dataset.start));
      line.focus({ preventScroll: true });
    }
  });

  if (audio) {
    audio.addEventListener("timeupdate", () => {
      const at = audio.currentTime;
      mark(lines.findLast((line) => Number(line.dataset.start) <= at && at < Number(line.dataset.end) + 0.3));
    });
    audio.addEventListener("error", () => {
      document.getElementById("audio-trouble").hidden = false;
    });
  }
})();
