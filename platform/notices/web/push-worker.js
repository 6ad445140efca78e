// Shows a push message, and opens what it is about. It keeps nothing and stands between nothing and the network.
self.addEventListener("push", (event) => {
  const { title, body, tag, lang, dir, url } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, tag, lang, dir, icon: "/favicon.ico", data: url }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const address = new URL(event.notification.data, self.location.origin);
  if (address.origin === self.location.origin) event.waitUntil(self.clients.openWindow(address.href));
});
