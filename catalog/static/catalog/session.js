// While a form is open: whether its person is still signed in, asked every minute and whenever the page is seen again.
// Who has signed in again in another tab has another token, which the form needs to be saved.

const MINUTE = 60_000;
const notice = document.getElementById("session");
const forms = document.querySelectorAll("form[method=post]:not(#logout-form, #changelist-form)");
const { content: person } = document.querySelector("meta[name=person]");

const say = (what) => {
  for (const sentence of notice.children) sentence.hidden = sentence.dataset.when !== what;
};

const renew = (token) => {
  for (const { elements } of forms) if (elements.csrfmiddlewaretoken) elements.csrfmiddlewaretoken.value = token;
};

const check = async () => {
  const answer = await fetch(notice.dataset.url, { cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return;
  const found = await answer.json();
  const wasOver = [...notice.children].some(({ hidden }) => !hidden);
  if (!found.person) say("ended");
  else if (person && found.person !== person) say("other");
  else {
    renew(found.token);
    if (wasOver || !person) say("renewed");
  }
};

if (notice && forms.length) {
  setInterval(check, MINUTE);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && check());
  addEventListener("focus", check);
}
