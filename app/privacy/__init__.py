"""Privacy 隐私: what is kept of people and how long, erasing what is past its time, telling a person what is held.

Officers and firms read the page, the office takes the exports, an administrator (or a timer) erases.
"""
