/*
 * What libstdc++ and libgcc_s of glibc 2.36 call and musl 1.2.3 does not have. Only for tests: a system with musl has
 * libraries that were made for it.
 */
#include <locale.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/random.h>
#include <time.h>

size_t strftime_l(char *, size_t, const char *, const struct tm *, locale_t);

char __libc_single_threaded = 0;
unsigned __cpu_model[4];

size_t __strftime_l(char *text, size_t size, const char *format, const struct tm *time, locale_t locale) {
  return strftime_l(text, size, format, time, locale);
}

uint32_t arc4random(void) {
  uint32_t number = 0;
  getrandom(&number, sizeof number, 0);
  return number;
}

/* Not found: libgcc_s then asks dl_iterate_phdr(3). */
int _dl_find_object(void *address, void *result) {
  return -1;
}

/* Destructors of a thread's own objects do not run. The process ends with its threads anyway. */
int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *handle) {
  return 0;
}

int __cpu_indicator_init(void) {
  return 0;
}
