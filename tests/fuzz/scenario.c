/* Fuzzing the reader of scenarios, which is Python: the interpreter is in this program, and libFuzzer is told what was reached
 * there by counters of its own (__libfuzzer_extra_counters, of compiler-rt's FuzzerExtraCounters.cpp), one a pair of lines
 * that were run one after the other. The property is beside it, in scenario_reader.py. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <frameobject.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define COUNTERS (1U << 14)

__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[COUNTERS];
static uint32_t last_line;
static PyObject *reader;

/* What Python keeps until its end is no leak, and this program ends it in the middle. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

/* FNV-1a, for a name that means the same in each run. */
static uint32_t hash(const char *text)
{
    uint32_t value = 2166136261U;

    for (; *text; text++)
        value = (value ^ (uint8_t)*text) * 16777619U;
    return value;
}

/* Called for each line, and each call, of the reader (PyEval_SetTrace). */
static int count_line(PyObject *nobody, PyFrameObject *frame, int what, PyObject *argument)
{
    PyCodeObject *code = PyFrame_GetCode(frame);
    const char *file = PyUnicode_AsUTF8(code->co_filename);
    const uint32_t line = (file ? hash(file) : 0) + (uint32_t)PyFrame_GetLineNumber(frame) * 2654435761U;

    (void)nobody;
    (void)argument;
    if (what == PyTrace_LINE) {
        counters[(line ^ last_line) >> 7 & (COUNTERS - 1)]++;
        last_line = line >> 1;
    }
    Py_DECREF(code);
    return 0;
}

static void must(bool holds)
{
    if (holds)
        return;
    PyErr_Print();
    abort();
}

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    PyObject *module;

    (void)count;
    (void)arguments;
    Py_Initialize();
    must(PyRun_SimpleString("import sys; sys.path[:0] = ['.', 'tests/fuzz']") == 0);
    module = PyImport_ImportModule("scenario_reader");
    must(module);
    reader = PyObject_GetAttrString(module, "check");
    must(reader);
    Py_DECREF(module);
    return 0;
}

int LLVMFuzzerTestOneInput(const char *bytes, size_t length);
int LLVMFuzzerTestOneInput(const char *bytes, size_t length)
{
    PyObject *result;

    last_line = 0;
    PyEval_SetTrace(count_line, NULL);
    result = PyObject_CallFunction(reader, "y#", bytes, (Py_ssize_t)length);
    PyEval_SetTrace(NULL, NULL);
    must(result);
    Py_DECREF(result);
    return 0;
}
