const t=performance.now(), c=process.cpuUsage();
await import(process.argv[2]);
const d=process.cpuUsage(c);console.log(process.argv[2],(performance.now()-t).toFixed(0),'ms',((d.user+d.system)/1e3).toFixed(0),'cpu');
