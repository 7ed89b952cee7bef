"""The login page, in the language that the browser prefers. It has no script."""

import html
from urllib.parse import urlencode

WORDS = {
    "ko": {
        "title": "로그인",
        "welcome": "모든 문장에 근거가 붙는 정책 브리프 문답",
        "name": "이름",
        "password": "비밀번호",
        "enter": "로그인",
        "wrong": "이름이나 비밀번호가 맞지 않습니다. 확인하고 다시 입력해 주세요.",
        "wait": "로그인 시도가 너무 잦습니다. {seconds}초 뒤에 다시 시도해 주세요.",
        "stale": "로그인 화면이 오래되었습니다. 비밀번호를 다시 입력해 주세요.",
        "help": "계정은 이 서버의 관리자가 만듭니다.",
        "other": "English",
    },
    "en": {
        "title": "Log in",
        "welcome": "Policy briefs that answer, with a source for every sentence",
        "name": "Name",
        "password": "Password",
        "enter": "Log in",
        "wrong": "The name or the password is not right. Please check both and try again.",
        "wait": "Too many attempts to log in. Please try again in {seconds} s.",
        "stale": "This login page is out of date. Please enter the password again.",
        "help": "Accounts are made by whoever runs this server.",
        "other": "한국어",
    },
}


def login_html(
    lang: str, token: str, where: str, problem: str = "", name: str = "", seconds: int = 0
) -> str:
    """The page; `token` comes back with the form, `where` is shown after the login."""
    words = WORDS[lang]
    other = "en" if lang == "ko" else "ko"
    switch = html.escape("/login?" + urlencode({"lang": other, "next": where}))
    action = html.escape("/login?" + urlencode({"lang": lang}))
    said = described = ""
    if problem:
        text = html.escape(words[problem].format(seconds=seconds))
        said = f'<p class="problem" id="problem" role="alert">{text}</p>'
        described = ' aria-invalid="true" aria-describedby="problem"'
    focus_name, focus_password = (" autofocus", "") if not name else ("", " autofocus")
    return f"""<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{words["title"]} · CiteBrief</title>
<link rel="icon" href="/static-cb/icon.svg">
<link rel="stylesheet" href="/static-cb/login.css">
</head>
<body>
<main>
<header>
<h1>CiteBrief</h1>
<a class="other" href="{switch}" lang="{other}" hreflang="{other}">{words["other"]}</a>
</header>
<p class="welcome">{words["welcome"]}</p>
<form method="post" action="{action}" aria-label="{words["title"]}">
{said}
<label for="name">{words["name"]}</label>
<input id="name" name="name" value="{html.escape(name)}" required maxlength="200"
 autocomplete="username" autocapitalize="none" spellcheck="false"{described}{focus_name}>
<label for="password">{words["password"]}</label>
<input id="password" name="password" type="password" required maxlength="1000"
 autocomplete="current-password"{described}{focus_password}>
<input type="hidden" name="form" value="{html.escape(token)}">
<input type="hidden" name="next" value="{html.escape(where)}">
<button>{words["enter"]}</button>
</form>
<p class="help">{words["help"]}</p>
</main>
</body>
</html>
"""
