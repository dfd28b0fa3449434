// The worker that holds the WebSocket. What comes is in the browser here, whatever the page does just then, and its time is
// taken. When the page has its turn is up to the browser, which behind a key keeps most else until its next frame.

/// By the number that the page has given each.
const sockets = new Map();

addEventListener('message', ({data}) => {
  const socket = sockets.get(data.number);
  switch (data.kind) {
    case 'open': return open(data);
    case 'send': return socket?.readyState === WebSocket.OPEN && socket.send(data.text);
    case 'close': return socket?.close();
  }
});

function open({number, address}) {
  const socket = new WebSocket(address);
  sockets.set(number, socket);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => postMessage({number, kind: 'open'});
  socket.onmessage = ({data}) => {
    const time = performance.timeOrigin + performance.now();
    postMessage({number, kind: 'message', data, time}, data instanceof ArrayBuffer ? [data] : []);
  };
  socket.onclose = ({reason}) => {
    sockets.delete(number);
    postMessage({number, kind: 'close', reason});
  };
}
