// Opens the reader of the API on the schema that the page names; its validator badge would ask another host.
"use strict";
const place = document.getElementById("api");
window.SwaggerUIBundle({ domNode: place, url: place.dataset.schema, deepLinking: true, validatorUrl: null, docExpansion: "list", persistAuthorization: false });
