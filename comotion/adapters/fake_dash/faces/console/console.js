// Every two seconds: fetch this page anew and put what changed into the parts marked data-live.
// Rows that stay are not touched, so focus, selection and scroll positions stay as well.
"use strict";

const EVERY_MS = 2000;
const pause = document.getElementById("pause");
const connection = document.getElementById("connection");
let paused = false;

function hasFocus(part) {
  return part !== document.activeElement && part.contains(document.activeElement);
}

function follow(old, fresh) {
  const isList = [...fresh.children].every((child) => child.id) && fresh.children.length > 0;
  if (!isList) {
    if (!old.isEqualNode(fresh) && !hasFocus(old)) old.replaceChildren(...fresh.childNodes);
    return;
  }
  const staying = new Set([...fresh.children].map((child) => child.id));
  for (const child of [...old.childNodes]) {
    if (!staying.has(child.id) && !hasFocus(child)) child.remove();
  }
  let place = old.firstElementChild;
  for (const child of [...fresh.children]) {
    if (place && place.id === child.id) {
      const next = place.nextElementSibling;
      if (!place.isEqualNode(child) && !hasFocus(place)) place.replaceWith(child);
      place = next;
    } else {
      old.insertBefore(child, place);
    }
  }
}

async function look() {
  if (paused || document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const old of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(old.id);
      if (fresh) follow(old, fresh);
    }
    connection.hidden = true;
  } catch {
    connection.textContent = "The fake does not answer; what is shown is as it was last. Trying again.";
    connection.hidden = false;
  }
}

async function keepLooking() {
  await look();
  setTimeout(keepLooking, EVERY_MS);
}

if (document.querySelector("main [data-live]")) {
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Resume updates" : "Pause updates";
  });
}
setTimeout(keepLooking, EVERY_MS);

document.getElementById("sql")?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});
