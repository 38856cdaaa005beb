import { mkdtempSync, rmSync } from 'node:fs';
const { cropPictures } = await import(process.argv[2]+'/dist/index.js');
const out=mkdtempSync('/tmp/bo-'); const c=process.cpuUsage();
const r=await cropPictures({source:'/tmp/bench200',out,workers:+process.argv[3]});
const d=process.cpuUsage(c);
console.log(process.argv[2],r.picturesPerSecond.toFixed(1),'cpu ms/pic',((d.user+d.system)/200e3).toFixed(1),'sys',(d.system/200e3).toFixed(1));
rmSync(out,{recursive:true});
