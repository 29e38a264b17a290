"""MiniStack with what Understudy needs of AWS and MiniStack 1.5.33 does not have. Run: `python -m extension`.

What stands here is our model of AWS, one module a service, each behaviour with the AWS page that it models. A patch
goes as soon as a release of MiniStack makes it needless. Every behaviour has a conformance test in test/e2e/emulator.
"""
