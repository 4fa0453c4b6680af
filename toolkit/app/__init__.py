"""The page: a paper dropped in, what was read from it checked, and the verdict, in a browser.

The server speaks with this machine only (`server`, `answers`), keeps everything in a study folder
(`workspace`), and leaves what takes time to processes of its own (`workers`, `tasks`).
The page itself is plain HTML, CSS and JavaScript modules in `static/`.
"""
