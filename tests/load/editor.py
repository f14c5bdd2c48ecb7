"""Publishes changes as an organiser does: through the editor of a session, on an instance of its own."""

import os
import threading
from html.parser import HTMLParser

import cost
from parts import Program, get


class Form(HTMLParser):
    """The fields of the form with this `id`, as a browser sends them with its first button."""

    def __init__(self, form, page):
        super().__init__()
        self.wanted, self.inside, self.name, self.fields = form, False, None, {}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.inside = given.get("id") == self.wanted
        elif not self.inside:
            return
        elif tag == "input" and given.get("type") not in ("file", "checkbox", "radio") or tag == "input" and "checked" in given:
            self.fields.setdefault(given["name"], []).append(given.get("value", ""))
        elif tag in ("select", "textarea"):
            self.name = given["name"]
            self.fields.setdefault(self.name, [])
            if tag == "textarea":
                self.fields[self.name].append("")
        elif tag == "option" and "selected" in given:
            self.fields[self.name].append(given["value"])

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag in ("select", "textarea"):
            self.name = None

    def handle_data(self, text):
        if self.name and self.fields[self.name] and self.lasttag == "textarea":
            self.fields[self.name][-1] += text.removeprefix("\n")


class Publishing:
    """A context manager that starts a second instance and publishes a change of a session every second."""

    def __init__(self, program, url, folder, slug):
        # It keeps its log apart from the measured instance's.
        own = os.path.join(folder, "publishing")
        os.makedirs(own, exist_ok=True)
        self.server, self.slug = Program(program, url, own), slug
        self.done, self.count = threading.Event(), 0
        self.thread = threading.Thread(target=self.publish)

    def publish(self):
        while not self.count or not self.done.wait(1):
            status, _, page = get(self.server.port, self.editor, {"Cookie": self.cookie})
            assert status == 200, (self.editor, status)
            fields = Form("editor", page.decode()).fields
            fields["abstract"] = [f"Changed {self.count + 1} times."]
            self.saved = cost.post(self.server, self.editor, "10.0.0.3", fields, {"Cookie": self.cookie})["Location"]
            self.count += 1

    def __enter__(self):
        self.server.__enter__()
        cost.add_account(self.server.program, self.server, "organiser")
        self.cookie = cost.sign_in(self.server, "10.0.0.3")
        sessions = f"/organisers/{self.slug}/sessions"
        _, _, page = get(self.server.port, sessions, {"Cookie": self.cookie})
        found = page.decode().split(f'href="{sessions}/')[1:]
        self.editor = next(f"{sessions}/{link.split(chr(34))[0]}" for link in found if len(link.split('"')[0]) == 36)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
        _, _, page = get(self.server.port, self.saved, {"Cookie": self.cookie})
        self.server.__exit__()
        assert "Saved and published." in page.decode(), "nothing was published"
