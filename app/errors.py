"""What can go wrong for a person, and the one mapping from it to HTTP. Messages are msgids that say what to do."""

from collections.abc import Mapping

from app.i18n import N_


class AppError(Exception):
    """A refusal with words for the person and a status for the browser."""

    status = 400
    title = N_("这一步没有完成")

    def __init__(self, message: str, **params: object):
        super().__init__(message)
        self.message = message
        self.params = params


class Invalid(AppError):
    """What was typed cannot be taken; `fields` maps a field's name to its message."""

    status = 422
    title = N_("请检查填写的内容")

    def __init__(
        self, message: str = N_("有几处需要改一下。"), *, fields: Mapping[str, str] | None = None, **params: object
    ):
        super().__init__(message, **params)
        self.fields = dict(fields or {})


class SignedOut(AppError):
    """Nobody is signed in."""

    status = 401
    title = N_("请先登录")


class Forbidden(AppError):
    """The role lacks it."""

    status = 403
    title = N_("您没有这项权限")


class StepDue(AppError):
    """Signed in, but a step must come first: at `endpoint`."""

    status = 403
    title = N_("还差一步")

    def __init__(self, message: str, *, endpoint: str):
        super().__init__(message)
        self.endpoint = endpoint


class NotFound(AppError):
    """It is not there, or not for this person to know of."""

    status = 404
    title = N_("没有找到")


class Conflict(AppError):
    """Someone was first, or the screen is old."""

    status = 409
    title = N_("内容已有变化")


class TooLarge(AppError):
    """More bytes than we take."""

    status = 413
    title = N_("文件太大")


class TooMany(AppError):
    """Too often."""

    status = 429
    title = N_("请稍候再试")


class Unavailable(AppError):
    """We cannot just now (disk full, database locked); nothing was stored."""

    status = 503
    title = N_("系统暂时不能保存")


HTTP_WORDS: Mapping[int, tuple[str, str]] = {
    400: (N_("请求有误"), N_("请返回上一页重新操作。")),
    401: (SignedOut.title, N_("登录后即可继续。")),
    403: (Forbidden.title, N_("如需办理，请联系市营商办开通。")),
    404: (NotFound.title, N_("可能已被移走，或不在您的工作范围内。请从首页进入。")),
    405: (N_("不能这样打开"), N_("请从页面上的按钮进入。")),
    408: (N_("网络超时"), N_("请在信号好的地方再试一次。")),
    413: (TooLarge.title, N_("一次最多上传 9 张照片，每张不超过 20 MB。请减少后再试。")),
    414: (N_("地址太长"), N_("请从页面上的按钮进入。")),
    415: (N_("格式不支持"), N_("请从页面上的按钮进入。")),
    429: (TooMany.title, N_("操作太频繁，请稍候再试。")),
    431: (N_("请求太长"), N_("请清除浏览器缓存后再试。")),
    500: (
        N_("系统出了问题"),
        N_("问题已记录，您填写的内容没有入库。请稍后再试；如一直不行，请把下面的编号告诉市营商办。"),
    ),
    503: (Unavailable.title, N_("内容没有入库，请稍后再试。")),
}
"""Title and what to do, by status, for answers that come without words of their own."""
