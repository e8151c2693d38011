// What pages of the desk need besides htmx: the token for its requests, and a question before what is hard to undo.
"use strict";

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = document.body.dataset.csrf;
});

// The log-in has expired: the whole page goes there, not the part that was asked for.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401) {
    location.assign("/login?next=" + encodeURIComponent(location.pathname + location.search));
  }
});

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
  }
});
