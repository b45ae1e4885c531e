// What a reader has read and answered: kept in this browser only, shown here, cleared at will. Nothing is sent anywhere.

const KEY = "upright-progress";
const ROOT = new URL(document.documentElement.dataset.content_root ?? "./", location.href).pathname;
const nameOf = (link) => new URL(link, location.href).pathname.slice(ROOT.length).replace(/\.html$/, "");
const PAGE = nameOf(location.href);

/** {read: [page, …], answered: {page: [number of the question, …]}}; empty where the browser keeps nothing for us. */
function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    return { read: [...kept.read], answered: { ...kept.answered } };
  } catch {
    return { read: [], answered: {} };
  }
}

function save(progress) {
  try {
    localStorage.setItem(KEY, JSON.stringify(progress));
  } catch {
    // A private window may refuse; the page works without.
  }
}

const questions = [...document.querySelectorAll("article div.question")];
const chapters = [...document.querySelectorAll(".bd-sidebar-primary nav a.internal")].filter((link) =>
  /^(book|labs)\//.test(nameOf(link.href)),
);

function markSidebar({ read }) {
  for (const link of chapters) {
    link.querySelector(".read-mark")?.remove();
    if (!read.includes(nameOf(link.href))) continue;
    const mark = document.createElement("span");
    mark.className = "read-mark";
    mark.innerHTML = ' <span aria-hidden="true">✓</span><span class="visually-hidden">(read)</span>';
    link.append(mark);
  }
}

function countAnswers({ answered }) {
  const count = answered[PAGE]?.length ?? 0;
  if (!questions.length || !count) return;
  let told = document.querySelector(".answered");
  if (!told) {
    told = document.createElement("p");
    told.className = "answered";
    told.setAttribute("role", "status");
    questions.at(-1).after(told);
  }
  told.textContent = `${count} of ${questions.length} questions answered.`;
}

function tell(progress) {
  const place = document.querySelector(".progress-told");
  if (!place) return;
  const answers = Object.values(progress.answered).reduce((sum, list) => sum + list.length, 0);
  const nothing = !progress.read.length && !answers;
  place.textContent = nothing
    ? "Nothing yet. A chapter counts as read when you reach its last section."
    : `${progress.read.length} of ${chapters.length} pages read, ${answers} questions answered.`;
  document.querySelector(".progress-clear").disabled = nothing;
}

function show(progress) {
  markSidebar(progress);
  countAnswers(progress);
  tell(progress);
}

function change(edit) {
  const progress = load();
  edit(progress);
  save(progress);
  show(progress);
}

questions.forEach((question, number) => {
  question.addEventListener("toggle", (event) => {
    if (!event.target.open) return;
    change(({ answered }) => {
      answered[PAGE] = [...new Set([...(answered[PAGE] ?? []), number])];
    });
  }, { capture: true });
});

const end = document.querySelector("#what-to-take-away");
if (end) {
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    change((progress) => {
      progress.read = [...new Set([...progress.read, PAGE])];
    });
  });
  watch.observe(end);
}

document.querySelector(".progress-clear")?.addEventListener("click", () => {
  try {
    localStorage.removeItem(KEY);
  } finally {
    show({ read: [], answered: {} });
  }
});

show(load());
