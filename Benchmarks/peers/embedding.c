/* What calls between Lua and C cost: nanoseconds for each, and microseconds for arrays of a million elements. */
#include <lua5.4/lua.h>
#include <lua5.4/lauxlib.h>
#include <lua5.4/lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int add(lua_State *L) {
  lua_pushinteger(L, luaL_checkinteger(L, 1) + luaL_checkinteger(L, 2));
  return 1;
}

int main(void) {
  enum { calls = 2000000, elements = 1000000 };
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  lua_register(L, "add", add);
  luaL_dostring(L, "function answer(n) return n end "
                   "function out(n) local s = 0 for i = 1, n do s = add(s, i) end return s end "
                   "function alone(n) local s = 0 for i = 1, n do s = s + i end return s end");
  double start = now();
  for (int i = 0; i < calls; i++) {
    lua_getglobal(L, "answer");
    lua_pushinteger(L, i);
    lua_call(L, 1, 1);
    lua_pop(L, 1);
  }
  printf("in %f\n", (now() - start) / calls * 1000);
  double times[2];
  const char *names[] = {"out", "alone"};
  for (int k = 0; k < 2; k++) {
    start = now();
    lua_getglobal(L, names[k]);
    lua_pushinteger(L, calls);
    lua_call(L, 1, 1);
    lua_pop(L, 1);
    times[k] = now() - start;
  }
  printf("out %f\n", (times[0] - times[1]) / calls * 1000);
  for (int strings = 0; strings < 2; strings++) {
    start = now();
    lua_createtable(L, elements, 0);
    for (int i = 0; i < elements; i++) {
      char text[32];
      if (strings) {
        snprintf(text, sizeof text, "element %d", i);
        lua_pushstring(L, text);
      } else {
        lua_pushinteger(L, i);
      }
      lua_rawseti(L, -2, i + 1);
    }
    printf("%s-in %f\n", strings ? "strings" : "integers", now() - start);
    start = now();
    size_t sum = 0;
    char **kept = malloc(elements * sizeof *kept);
    for (int i = 0; i < elements; i++) {
      lua_rawgeti(L, -1, i + 1);
      if (strings) sum += strlen(kept[i] = strdup(lua_tostring(L, -1)));
      else sum += (size_t)lua_tointeger(L, -1);
      lua_pop(L, 1);
    }
    printf("%s-out %f\n", strings ? "strings" : "integers", now() - start);
    if (sum == 1) puts("");
    lua_pop(L, 1);
  }
  start = now();
  for (int i = 0; i < 100; i++) {
    lua_State *other = luaL_newstate();
    luaL_openlibs(other);
    lua_close(other);
  }
  printf("machine %f\n", (now() - start) / 100);
  return 0;
}
