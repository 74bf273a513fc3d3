"""What people type about themselves."""

from wtforms import PasswordField
from wtforms.validators import InputRequired, Length, ValidationError

from app.forms import BaseForm, TextField
from app.translation import lazy_gettext as _l


def _password(label, autocomplete: str) -> PasswordField:
    return PasswordField(
        label,
        [InputRequired(_l("请填写密码。")), Length(max=200, message=_l("密码最多 200 字。"))],
        render_kw={"autocomplete": autocomplete},
    )


class SignInForm(BaseForm):
    """Name and password; a blank may belong to a password."""

    is_trimmed = False

    username = TextField(
        _l("用户名"), most=64, required=True, render_kw={"autocomplete": "username", "autocapitalize": "none"}
    )
    password = _password(_l("密码"), "current-password")


class PasswordForm(BaseForm):
    """A new password."""

    is_trimmed = False

    current = _password(_l("现在的密码"), "current-password")
    new = _password(_l("新密码"), "new-password")


class CodeForm(BaseForm):
    """Six figures of an authenticator app, or a recovery code, as people type them."""

    code = TextField(_l("验证码"), most=40, required=True)


class FirstPasswordForm(BaseForm):
    """One's own password in place of the one for one use; the old one only when she signed in a while ago."""

    is_trimmed = False

    current = PasswordField(_l("现在的密码"), render_kw={"autocomplete": "current-password"})
    new = _password(_l("新密码"), "new-password")
    again = _password(_l("再输一次新密码"), "new-password")

    def validate_again(self, field):
        """Typed blind, so typed twice."""
        if self.new.data and field.data != self.new.data:
            raise ValidationError(_l("两次输入的新密码不一样。"))
