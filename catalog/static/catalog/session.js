// While a form is open: whether its person is still signed in, asked every minute and whenever the page is seen again.
// Who has signed in again in another tab has another token, which the form needs to be saved.

const MINUTE = 60_000;
const notice = document.getElementById("session");
const forms = document.querySelectorAll("form[method=post]:not(#logout-form, #changelist-form)");
const { content: person } = document.querySelector("meta[name=person]");

let said = null;

const say = (what) => {
  if (what === said) return; // a reader is told only of what is new
  said = what;
  const sentence = document.createElement("p");
  sentence.append(notice.dataset[what]);
  if (what === "ended") {
    const words = { href: notice.dataset.login, target: "_blank", textContent: "Sign in in another tab" };
    sentence.append(" ", Object.assign(document.createElement("a"), words));
  }
  notice.replaceChildren(sentence);
};

const renew = (token) => {
  for (const { elements } of forms) if (elements.csrfmiddlewaretoken) elements.csrfmiddlewaretoken.value = token;
};

const check = async () => {
  const answer = await fetch(notice.dataset.url, { cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return;
  const found = await answer.json();
  if (!found.person) say("ended");
  else if (person && found.person !== person) say("other");
  else {
    renew(found.token);
    if (said || !person) say("renewed");
  }
};

if (notice && forms.length) {
  setInterval(check, MINUTE);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && check());
  addEventListener("focus", check);
}
