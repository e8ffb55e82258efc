"""Stack traces of other languages, made for tests: invented names, the forms that their runtimes print."""

JAVA = """\
com.example.shop.CartException: basket 12 is gone
	at com.example.shop.Cart.add(Cart.java:41) ~[cart.jar:1.2]
	at com.example.shop.CartController.lambda$post$0(CartController.java:17)
	at org.springframework.web.method.support.InvocableHandlerMethod.doInvoke(InvocableHandlerMethod.java:205)
	at java.base/java.lang.Thread.run(Thread.java:840)
	Suppressed: java.io.IOException: close failed
		at com.example.shop.Db.close(Db.java:9)
	Caused by: java.lang.Error: disk is full
		at com.example.shop.Db.flush(Db.java:10)
Caused by: java.net.ConnectException: refused
	at java.base/sun.nio.ch.Net.connect0(Native Method)
	at com.zaxxer.hikari.pool.PoolBase.newConnection(PoolBase.java:364)
	at com.example.shop.Db.open(Db.java:12)
	... 3 more"""

LOGBACK_ROOT_FIRST = """\
java.net.ConnectException: refused
	at com.example.shop.Db.open(Db.java:12)
	... 27 common frames omitted
Wrapped by: com.example.shop.CartException: basket 12 is gone
	at com.example.shop.Cart.add(Cart.kt:41)
	at com.example.shop.Cart.main(Unknown Source)"""

DOTNET = """\
System.InvalidOperationException: basket 12 is gone
 ---> Npgsql.NpgsqlException (0x80004005): Failed to connect to 10.0.0.7:5432
 ---> System.Net.Sockets.SocketException (111): Connection refused
   at Npgsql.Internal.NpgsqlConnector.Connect(NpgsqlTimeout timeout)
   --- End of inner exception stack trace ---
   at Shop.Db.<OpenAsync>d__3.MoveNext() in /src/Shop/Db.cs:line 12
   --- End of inner exception stack trace ---
   at Shop.Cart.<>c__DisplayClass3_0.<Add>b__0(String item) in /src/Shop/Cart.cs:line 41
--- End of stack trace from previous location ---
   at Microsoft.AspNetCore.Http.EndpointMiddleware.<Invoke>g__Await|8_0(HttpContext context, Endpoint end)"""

DOTNET_AGGREGATE = """\
System.AggregateException: One or more errors occurred. (no pear) (too late)
 ---> System.ArgumentException: no pear
   at Shop.Fruit.Weigh() in /src/Shop/Fruit.cs:line 3
   --- End of inner exception stack trace ---
   at System.Threading.Tasks.Task.WaitAll(Task[] tasks)
   at Shop.Scales.Run() in C:\\src\\Shop\\Scales.cs:line 9
 ---> (Inner Exception #1) System.TimeoutException: too late
   at Shop.Clock.Wait() in /src/Shop/Clock.cs:line 2<---"""

GO = """\
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a5b6c]
goroutine 1 [running]:
main.recovering.func1()
	/app/recovering.go:7 +0x2e
panic({0x4b0e20?, 0xc000012345?})
	/usr/local/go/src/runtime/panic.go:884 +0x1f3
github.com/shop/cart.(*Cart).Add(0xc0000b2000, {0x1, 0x2})
	/app/cart/cart.go:41 +0x1d
main.main()
	/app/main.go:12 +0x85
goroutine 7 [select]:
main.other()
	/app/other.go:3 +0x1"""

GO_AGAIN = """\
panic: basket 12 is gone [recovered]
	panic: no till either
goroutine 18 [running]:
panic({0x1, 0x2})
	/usr/local/go/src/runtime/panic.go:884 +0x1f3
main.(*Till).Open(...)
	/app/till.go:5
created by main.main in goroutine 1
	/app/main.go:9 +0x45"""

GO_SERVING = """\
2026/03/04 05:06:07 http: panic serving 10.0.0.7:44: basket 12 is gone
goroutine 7 [running]:
net/http.(*conn).serve.func1()
	/usr/local/go/src/net/http/server.go:1868 +0xb0
panic({0x1, 0x2})
	/usr/local/go/src/runtime/panic.go:920 +0x1f3
main.add(...)
	/app/cart.go:41"""

GO_FATAL = """\
fatal error: all goroutines are asleep - deadlock!
goroutine 1 [chan receive]:
main.main()
	/app/main.go:12 +0x85"""

ZAP = "main.(*Cart).Add\n\t/app/cart.go:41\nmain.main\n\t/app/main.go:12"

RUBY = """\
/app/lib/cart.rb:12:in `add': undefined method `price' for nil:NilClass (NoMethodError)
	from /app/lib/cart.rb:30:in `block in checkout'
	from /usr/local/bundle/gems/puma-6.4.0/lib/puma/server.rb:441:in `process_client'
/app/lib/db.rb:5:in `connect': refused (Errno::ECONNREFUSED)
	from /app/lib/cart.rb:11:in `add'"""

RAILS = """\
NoMethodError (undefined method 'price' for nil):
app/models/cart.rb:12:in 'Cart#add'
app/controllers/carts_controller.rb:30:in 'CartsController#create'
/usr/local/bundle/gems/actionpack-7.1.0/lib/action_controller/metal.rb:1:in 'process'"""

NODE_REJECTED = """\
node:internal/process/promises:391
    triggerUncaughtException(err, true /* fromPromise */);
    ^
Error: basket 12 is gone
    at Cart.add (/app/src/cart.js:41:11)
    at async Socket.<anonymous> (/app/src/ws.js:70:5) {
  code: 'E_BASKET',
  [cause]: TypeError: fetch failed
      at node:internal/deps/undici/undici:12:3
      at async price (/app/src/prices.js:9:3) {
    [cause]: Error: connect ECONNREFUSED 10.0.0.7:80
        at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1607:16)
  }
}
Node.js v20.11.0"""

BUNDLE = """\
TypeError: Cannot read properties of undefined (reading 'id')
    at t (/app/dist/bundle.min.js:1:20394)
    at /app/dist/main.3f9a1c02.js:2:7
    at Array.map (<anonymous>)"""

ACTION_CABLE = """\
E, [2026-03-04T05:06:07.089123 #1] ERROR -- : There was an exception - NoMethodError(undefined method 'price' for nil)
E, [2026-03-04T05:06:07.089123 #1] ERROR -- : /usr/local/bundle/gems/actioncable-7.1.3/lib/cable.rb:9:in `call'
/app/lib/cart.rb:12:in `add'
/app/lib/cart.rb:30:in `checkout'"""

RUST = """\
thread 'tokio-runtime-worker' (31) panicked at src/cart.rs:41:17:
called `Result::unwrap()` on an `Err` value: Refused
stack backtrace:
   0: rust_begin_unwind
             at /rustc/9fc6b43126469e3858e2fe86cafb4f0fd5068869/library/std/src/panicking.rs:665:5
   1: core::result::unwrap_failed
             at /rustc/9fc6b43126469e3858e2fe86cafb4f0fd5068869/library/core/src/result.rs:1679:5
   2: shop::cart::Cart::add
             at ./src/cart.rs:41:17
   3: shop::main
             at ./src/main.rs:12:5
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace."""

RUST_BARE = """\
thread 'main' panicked at src/cart.rs:41:17:
index out of bounds: the len is 0 but the index is 3
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace"""

RUST_OLD = """\
thread 'main' panicked at 'basket 12 is gone', src/cart.rs:41:17
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace"""

ELIXIR = """\
** (exit) an exception was raised:
    ** (KeyError) key :price not found in: %{id: 12}
        (shop 0.1.0) lib/shop/cart.ex:41: Shop.Cart.add/2
        (shop 0.1.0) lib/shop_web/cart_socket.ex:12: ShopWeb.CartSocket.handle_in/2
        (cowboy 2.12.0) /app/deps/cowboy/src/cowboy_websocket.erl:590: :cowboy_websocket.handler_call/6
        (stdlib 5.2.3) proc_lib.erl:241: :proc_lib.init_p_do_apply/3"""

ELIXIR_GENSERVER = """\
** (DBConnection.ConnectionError) connection not available and request was dropped from queue after 2013ms.
    (db_connection 2.7.0) lib/db_connection.ex:1147: DBConnection.execute/4
    (erts 14.2.5) :erlang.apply/2
    lib/shop/cart.ex:41: Shop.Cart.add/2"""

PHP = """\
PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /app/src/Db.php:12
Stack trace:
#0 /app/src/Db.php(12): PDO->__construct('mysql:host=db')
#1 /app/src/Cart.php(41): Shop\\Db->open()
#2 {main}

Next Shop\\CartException: basket 12 is gone in /app/src/Cart.php:44
Stack trace:
#0 /app/vendor/ratchet/ratchet/src/WsServer.php(168): Shop\\Cart->add(12)
#1 [internal function]: Ratchet\\WsServer->onMessage(Object(Ratchet\\Conn))
#2 {main}
  thrown in /app/src/Cart.php on line 44"""

PHP_MONOLOG = """\
[2026-03-04T05:06:07.08+00:00] ws.ERROR: x {"e":"[object] (Shop\\\\CartException(code: 0): x at /app/src/Cart.php:44)
[stacktrace]
#0 /app/src/Ws.php(9): Shop\\\\Cart->add(12)
#1 {main}

[previous exception] [object] (PDOException(code: 2002): Connection refused at /app/src/Db.php:12)
[stacktrace]
#0 /app/src/Cart.php(41): Shop\\\\Db->open()
#1 {main}
"} []"""

DENO = """\
error: Uncaught (in promise) TypeError: Cannot read properties of null (reading 'price')
    total += item.price;
                  ^
    at add (file:///app/cart.ts:41:19)
    at checkout (file:///app/main.ts:12:5)"""
