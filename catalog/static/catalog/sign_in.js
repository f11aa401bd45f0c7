// Signing in: a second click, while the first is being checked, would be turned away.

let isSent = false;
document.querySelector("#login-form").addEventListener("submit", (event) => {
  if (isSent) event.preventDefault();
  isSent = true;
});
addEventListener("pageshow", () => { isSent = false; });
