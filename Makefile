# Every target calls one script; the scripts also run without make (scripts/demo, scripts/test).
.PHONY: build demo test bench calibrate agree fuzz format tidy asan check dist clean
.DEFAULT_GOAL := build
build:   ; @scripts/build release
demo:    ; @scripts/demo
test:    ; @scripts/test
bench:   ; @scripts/bench
calibrate: ; @scripts/calibrate
agree:   ; @scripts/agree
fuzz:    ; @scripts/fuzz
format:  ; @scripts/format
tidy:    ; @scripts/tidy
asan:    ; @scripts/asan
check:   ; @scripts/check
dist:    ; @scripts/dist
clean:   ; @rm -rf build
