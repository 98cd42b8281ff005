// The portal's beginning. It is so small that hardly anything can be the matter with it, and says so when the rest does not come.

try {
  await import('./shell.js');
} catch (error) {
  console.error(error);
  const words = document.getElementById('failed');
  if (words instanceof HTMLTemplateElement) document.getElementById('main')?.replaceChildren(words.content.cloneNode(true));
}
